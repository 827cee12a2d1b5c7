"""A backend in another language: posts events to a channel over HTTP, each until the log has it.

Standard library only. Every event has an idempotency key, so an answer that was lost on the way is asked for again
without a second entry. Prints one line per event: its number, its position, and "again" where the log had it already.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def post(address, key, idempotency_key, event):
    """The answer to one attempt: (status, position, whether it is a duplicate). Raises OSError without an answer."""
    request = urllib.request.Request(
        address,
        data=json.dumps(event).encode(),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
        },
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        answer = json.load(response)
        return response.status, answer["position"], answer.get("duplicate", False)


def post_until_accepted(address, key, idempotency_key, event, give_up_at):
    delay = 0.05
    while True:
        try:
            return post(address, key, idempotency_key, event)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                sys.exit(f"refused: {error.code} {error.read().decode()}")
        except (OSError, ValueError, KeyError):
            pass  # Nobody there, a connection that broke, or half an answer.
        if time.monotonic() > give_up_at:
            sys.exit(f"gave up on {idempotency_key}")
        time.sleep(delay)
        delay = min(delay * 2, 0.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:4000")
    parser.add_argument("--channel", default="hello/lobby")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--name", default="Python")
    parser.add_argument("--run", required=True, help="makes this run's idempotency keys its own")
    parser.add_argument("--pause", type=float, default=0.01, help="seconds between two events")
    parser.add_argument("--twice", type=int, action="append", default=[], help="post this event's key a second time")
    arguments = parser.parse_args()

    key = os.environ["TIDINGS_API_KEY"]
    channel = urllib.parse.quote(arguments.channel, safe="")
    address = f"{arguments.url}/v1/channels/{channel}/events"
    give_up_at = time.monotonic() + 120
    for number in range(1, arguments.count + 1):
        event = {"type": "said", "data": {"name": arguments.name, "text": f"Event {number}"}}
        for _ in range(2 if number in arguments.twice else 1):
            _, position, duplicate = post_until_accepted(
                address, key, f"{arguments.run}-{number}", event, give_up_at
            )
            print(number, position, "again" if duplicate else "", flush=True)
        time.sleep(arguments.pause)


if __name__ == "__main__":
    main()
