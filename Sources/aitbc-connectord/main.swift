import ConnectorCommands

await ConnectorCommand.main()
