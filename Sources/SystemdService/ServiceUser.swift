package import ConnectorCore
import Glibc

/// Root at a shell works on the service's files as the service's user: what root creates there, the service could not
/// open.
package enum ServiceUser {
    /// Takes the identity of the directory's owner, for the rest of the process. Does nothing for anyone but root, nor
    /// where root is the owner or there is no directory yet (systemd hands that one over itself).
    package static func become(ownerOf directory: String) throws(StateError) {
        var status = stat()
        guard geteuid() == 0, unsafe stat(directory, &status) == 0, status.st_uid != 0 else { return }
        // The saved identity goes with the real one: whoever takes over the process can't be root again.
        let (user, group) = (status.st_uid, status.st_gid)
        guard setgroups(0, nil) == 0, setregid(group, group) == 0, setreuid(user, user) == 0 else {
            throw StateError(
                .other,
                "root can't work as the owner of \(directory) (user \(status.st_uid))",
                hint: "run the command as that user: runuser -u aitbc-connectord -- aitbc-connectord …"
            )
        }
    }
}
