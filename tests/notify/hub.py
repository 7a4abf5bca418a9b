"""A WebSub hub of somebody else's, on a port of loopback that it prints: python -m tests.notify.hub DATABASE."""

import sys

from celery import Celery
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage
from werkzeug.serving import make_server


def main() -> None:
    celery = Celery("hub", broker="memory://")
    # What a worker would do is done before the answer.
    celery.conf.task_always_eager = True
    app = Flask("hub")
    app.config["PUBLISH_SUPPORTED"] = True
    app.register_blueprint(Hub(SQLite3HubStorage(sys.argv[1]), celery).build_blueprint("/hub"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


main()
