"""A peer as a server: a request of JSON a line on stdin, an answer a line on stdout."""
import json
import os
import sys

# What libraries print must not be among the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def serve(**operations):
    """Answers each {"op": name, ...arguments} with what that operation returns."""
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(operations[request.pop("op")](**request)) + "\n")
        answers.flush()
