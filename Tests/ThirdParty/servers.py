"""The two servers from PyPI that the daemon is tested against: localstripe and trytond.

Python environments and seeded databases are kept under $XDG_CACHE_HOME/aitbc-connectord-tests, each named by the hash
of what it was made from, so that a change makes a new one. Servers listen on free loopback ports and are ended by pid.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Support"))
import connectord  # noqa: E402
from clients import Stripe, Tryton  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "aitbc-connectord-tests"


def hashed(*paths, also=()):
    content = b"".join(path.read_bytes() for path in paths) + repr((sys.version, also)).encode()
    return hashlib.sha256(content).hexdigest()[:16]


@contextlib.contextmanager
def making(name):
    """Yields the folder to fill, or None where an earlier run has made it. Two runs at once wait for each other."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{name}.making", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place, done = CACHE / name, CACHE / name / ".complete"
        if done.exists():
            yield None
            return
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        yield place
        done.touch()


def quietly(words, seconds, **options):
    done = subprocess.run(
        [str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, **options,
    )
    if done.returncode:
        raise AssertionError(f"{words[0]} ended with {done.returncode}: {done.stdout[-1500:]}{done.stderr[-3000:]}")
    return done.stdout


def venv(name):
    """The environment with what `name`/requirements.txt pins; returns its bin folder."""
    requirements = HERE / name / "requirements.txt"
    key = f"{name}-python-{hashed(requirements)}"
    with making(key) as place:
        if place:
            print(f"installing {name} from PyPI into {place} ...", flush=True)
            quietly([sys.executable, "-m", "venv", place], 300)
            pip = [place / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
            quietly([*pip, "-r", requirements], 1200)
    return CACHE / key / "bin"


class Server:
    """A program that answers on a port of its own. Its log is shown where it does not come up."""

    def __init__(self, words, port, ready):
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.log = tempfile.TemporaryFile()
        self.process = connectord.Process([str(word) for word in words], stdout=self.log, stderr=self.log)
        try:
            connectord.wait_until(lambda: self.fell() or ready(), f"{words[0]} answers")
        except BaseException:
            self.end()
            raise

    def fell(self):
        if self.process.child.poll() is None:
            return False
        self.log.seek(0)
        raise AssertionError(f"the server ended: {self.log.read()[-2000:].decode(errors='replace')}")

    def end(self):
        self.process.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def answers(method, url, body=None, headers=None):
    try:
        return connectord.http(method, url, body, headers)[0] < 500
    except OSError:
        return False


class Localstripe(Server):
    def __init__(self):
        port = connectord.free_port()
        words = [venv("localstripe") / "python", HERE / "localstripe" / "serve.py", port]
        super().__init__(words, port, lambda: answers("GET", f"http://127.0.0.1:{port}/v1/balance"))
        self.client = Stripe(self.url)


class PostgreSQL:
    """A private cluster that listens on a Unix socket only. PostgreSQL refuses to run as root: then user postgres runs it."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise connectord.Skip("PostgreSQL's programs are not installed (/usr/lib/postgresql/*/bin)")
        self.bin = found[-1].parent
        self.folder = folder / "pg"
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "-D", self.folder / "data", "-U", "tryton", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        words = [self.bin / "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", settings, "start"]
        subprocess.run(
            [*self.words(), *map(str, words)], check=True, timeout=300, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.run("createdb", "-h", self.folder, "-U", "tryton", "erp")

    def words(self):
        return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def run(self, name, *words):
        return quietly([*self.words(), self.bin / name, *words], 120, cwd="/")

    @property
    def uri(self):
        return f"postgresql://tryton:x@{str(self.folder).replace('/', '%2F')}/"

    def dump(self, path):
        path.write_text(self.run("pg_dump", "-h", self.folder, "-U", "tryton", "erp"))

    def restore(self, path):
        copy = self.folder / "dump.sql"
        shutil.copy(path, copy)
        copy.chmod(0o644)
        self.run("psql", "-q", "-h", self.folder, "-U", "tryton", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", copy, "erp")

    def end(self):
        """By its own pid file; the fast shutdown ends open connections."""
        subprocess.run(
            [*self.words(), str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "fast", "-w", "stop"],
            timeout=300, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )


class Trytond(Server):
    """Tryton with a database of its own: a copy of the seeded one, in SQLite or in PostgreSQL."""

    DATABASE, USER, PASSWORD = "erp", "admin", "admin-pw-1"

    def __init__(self, postgresql=False):
        self.bin = venv("tryton")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="connectord-tryton-"))
        self.folder.chmod(0o755)
        self.cluster = None
        try:
            if postgresql:
                self.cluster = PostgreSQL(self.folder)
                self.cluster.restore(seeded(postgresql=True) / "erp.sql")
            else:
                shutil.copy(seeded() / "erp.sqlite", self.folder)
            self.start()
        except BaseException:
            self.end()
            raise

    def start(self):
        port = getattr(self, "port", None) or connectord.free_port()
        uri = self.cluster.uri if self.cluster else "sqlite://"
        words = [self.bin / "trytond", "-c", configure(self.folder, uri, port), "-d", self.DATABASE]
        probe = '{"id": 0, "method": "common.server.version", "params": []}'
        super().__init__(
            words, port,
            lambda: answers("POST", f"http://127.0.0.1:{port}/rpc/", probe, {"Content-Type": "application/json"}),
        )
        self.client = Tryton(self.url, self.DATABASE, self.USER, self.PASSWORD)

    def restart(self):
        self.process.end()
        self.start()

    def end(self):
        if hasattr(self, "process"):
            self.process.end()
        if self.cluster:
            self.cluster.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def configure(folder, uri, port):
    """`max_attempt`: tests log in often, and with a wrong password on purpose."""
    path = folder / "trytond.conf"
    path.write_text(
        f"[database]\nuri = {uri}\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n"
        "[session]\nauthentications = password\nmax_attempt = 100000\n[email]\nfrom = erp@example.com\n"
    )
    return path


def seeded(postgresql=False):
    """The folder with the seeded database. Made once, which takes a minute or two."""
    files = [HERE / "tryton" / "requirements.txt", HERE / "tryton" / "seed.py"]
    # For PostgreSQL only parties: it is there for its concurrent transactions.
    modules = ["party"] if postgresql else ["party", "product", "account", "account_invoice", "sale"]
    key = f"tryton-{'postgresql' if postgresql else 'sqlite'}-{hashed(*files, also=modules)}"
    with making(key) as place:
        if place:
            print(f"seeding Tryton's database into {place} ...", flush=True)
            with tempfile.TemporaryDirectory(prefix="connectord-seed-") as folder:
                seed(pathlib.Path(folder), place, modules, postgresql)
    return CACHE / key


def seed(folder, place, modules, postgresql):
    folder.chmod(0o755)
    bin, port = venv("tryton"), connectord.free_port()
    cluster = PostgreSQL(folder) if postgresql else None
    try:
        if not cluster:
            (folder / "erp.sqlite").touch()
        config = configure(folder, cluster.uri if cluster else "sqlite://", port)
        (folder / "password").write_text(Trytond.PASSWORD + "\n")
        admin = [bin / "trytond-admin", "-c", config, "-d", Trytond.DATABASE]
        environment = {**os.environ, "TRYTONPASSFILE": str(folder / "password")}
        quietly([*admin, "--all", "--email", "admin@example.com"], 600, env=environment)
        quietly([*admin, "-u", *modules, "--activate-dependencies"], 600, env=environment)
        probe = '{"id": 0, "method": "common.server.version", "params": []}'
        url = f"http://127.0.0.1:{port}/rpc/"
        with Server(
            [bin / "trytond", "-c", config, "-d", Trytond.DATABASE], port,
            lambda: answers("POST", url, probe, {"Content-Type": "application/json"}),
        ):
            quietly([bin / "python", HERE / "tryton" / "seed.py", port, *(["parties"] if postgresql else [])], 900)
        if cluster:
            cluster.dump(place / "erp.sql")
        else:
            shutil.copy(folder / "erp.sqlite", place)
    finally:
        if cluster:
            cluster.end()
