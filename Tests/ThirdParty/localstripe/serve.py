"""Runs localstripe on 127.0.0.1 only; its own command line would listen on every interface and share one file of state.

usage: serve.py PORT
"""
import sys

from aiohttp import web
from localstripe import resources, server

resources.Store.dump_to_disk = lambda self: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None)
