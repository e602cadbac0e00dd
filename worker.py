"""Start a worker: ``python worker.py`` does what ``datathon worker`` does."""

import sys

from datathon.worker import main

if __name__ == "__main__":
    main(sys.argv[1:])
