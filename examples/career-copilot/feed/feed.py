"""The job feed of Career Copilot: tells the app what has happened, as any backend in any language can, over HTTP.

Standard library only. Every event has an idempotency key, so an answer that was lost on the way is asked for again
without a second entry. Prints one line per event: its position, and "again" where the log had it already.

    python3 examples/career-copilot/feed/feed.py match --title "Grid planner" --company "Elvia Nett" --score 91
    python3 examples/career-copilot/feed/feed.py status --application app-212 --from under_review --to interview
    python3 examples/career-copilot/feed/feed.py notify --category social --title "Amina Okafor wrote back"
    python3 examples/career-copilot/feed/feed.py run --every 20
"""

import argparse
import datetime
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

STATUSES = ["submitted", "under_review", "interview", "offer", "accepted", "rejected", "declined"]
CATEGORIES = ["system", "job_alert", "application", "recommendation", "social"]

# What a feed brings on a good day: one after the other, and around again.
DAY = [
    ("match", {"title": "Network planner, district heating", "company": "Fjernvarme Fyn", "location": "Odense",
               "mode": "hybrid", "salary": "DKK 560,000", "score": 86, "reason": "Your network models fit their pipes."}),
    ("status", {"application": "app-212", "old": "under_review", "new": "interview",
                "title": "Analytics engineer", "company": "Tramontana Rail"}),
    ("match", {"title": "Flood-warning developer", "company": "Landesamt Ems", "location": "Oldenburg",
               "mode": "remote", "salary": "€65,000 to €72,000", "score": 94, "reason": "Gauges, PostGIS, and a pager."}),
    ("notify", {"category": "social", "title": "Amina Okafor wrote back",
                "description": "She can talk on Thursday about the team in Turin."}),
    ("status", {"application": "app-209", "old": "submitted", "new": "rejected",
                "title": "Survey data manager", "company": "Institut Bodensee"}),
]


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def match_event(number, values):
    job = {
        "id": f"feed-{number}",
        "title": values["title"],
        "company": values["company"],
        "location": values.get("location") or "Remote",
        "mode": values.get("mode") or "remote",
        "posted_at": now(),
    }
    if values.get("salary"):
        job["salary"] = values["salary"]
    data = {"job": job}
    if values.get("score") is not None:
        data["match_score"] = values["score"]
    if values.get("reason"):
        data["reason"] = values["reason"]
    return "jobs", {"type": "job:recommendation", "data": data}


def status_event(number, values):
    data = {
        "application_id": values["application"],
        "old_status": values["old"],
        "new_status": values["new"],
    }
    if values.get("title"):
        data["job_title"] = values["title"]
    if values.get("company"):
        data["company"] = values["company"]
    return "applications", {"type": "application:status_change", "data": data}


def notify_event(number, values):
    data = {"id": f"feed-{number}", "category": values["category"], "title": values["title"], "timestamp": now()}
    for theirs, ours in (("description", "description"), ("url", "actionUrl"), ("label", "actionLabel")):
        if values.get(theirs):
            data[ours] = values[theirs]
    return "notifications", {"type": "notification:new", "data": data}


EVENTS = {"match": match_event, "status": status_event, "notify": notify_event}


def post(arguments, key, idempotency_key, topic, event):
    """Posts until the log has it: (position, whether it had it before)."""
    channel = urllib.parse.quote(f"career/{arguments.user}/{topic}", safe="")
    give_up_at = time.monotonic() + 60
    delay = 0.1
    has_said = False
    while True:
        request = urllib.request.Request(
            f"{arguments.url}/v1/channels/{channel}/events",
            data=json.dumps(event).encode(),
            headers={
                "Authorization": f"Bearer {key}",
                "Content-Type": "application/json",
                "Idempotency-Key": idempotency_key,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                answer = json.load(response)
                return answer["position"], answer.get("duplicate", False)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                sys.exit(f"The server refused the event ({error.code}): {error.read().decode()}")
        except (OSError, ValueError, KeyError) as error:
            # Nobody there, a connection that broke, or half an answer.
            if not has_said:
                reason = getattr(error, "reason", error)
                print(f"No answer from {arguments.url} ({reason}); trying on for a minute.", file=sys.stderr, flush=True)
            has_said = True
        if time.monotonic() > give_up_at:
            sys.exit(f"No answer from {arguments.url} within a minute; is the server running? --url names another one.")
        time.sleep(delay)
        delay = min(delay * 2, 2)


def read_key():
    if os.environ.get("TIDINGS_API_KEY"):
        return os.environ["TIDINGS_API_KEY"]
    file = pathlib.Path(os.environ.get("TIDINGS_DATA", ".tidings")) / "api-key"
    try:
        return file.read_text().strip()
    except OSError:
        sys.exit(f"There is no key in {file}: run this where the server was started, or set TIDINGS_API_KEY.")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT') or 4000}",
                        help="of the server (default: this machine, at PORT or 4000)")
    parser.add_argument("--user", default="demo")
    parser.add_argument("--key", help="the idempotency key: the same key is the same event (default: a new one)")
    what = parser.add_subparsers(dest="what", required=True)
    match = what.add_parser("match", help="a job that fits")
    match.add_argument("--title", required=True)
    match.add_argument("--company", required=True)
    match.add_argument("--location")
    match.add_argument("--mode", choices=["on site", "hybrid", "remote"])
    match.add_argument("--salary")
    match.add_argument("--score", type=float, help="in percent")
    match.add_argument("--reason")
    status = what.add_parser("status", help="an application that has moved")
    status.add_argument("--application", required=True)
    status.add_argument("--from", dest="old", choices=STATUSES, required=True)
    status.add_argument("--to", dest="new", choices=STATUSES, required=True)
    status.add_argument("--title")
    status.add_argument("--company")
    notify = what.add_parser("notify", help="something to be told")
    notify.add_argument("--category", choices=CATEGORIES, required=True)
    notify.add_argument("--title", required=True)
    notify.add_argument("--description")
    notify.add_argument("--url", dest="url_", help="a path of the app, such as /career-copilot/jobs")
    notify.add_argument("--label")
    run = what.add_parser("run", help="a good day, one event after the other, until it is stopped")
    run.add_argument("--every", type=float, default=20, help="seconds between two events")
    run.add_argument("--count", type=int, help="stop after so many")
    return parser.parse_args()


def main():
    arguments = parse()
    key = read_key()

    def say(what, values, idempotency_key):
        topic, event = EVENTS[what](idempotency_key[:24], values)
        position, duplicate = post(arguments, key, idempotency_key, topic, event)
        print(event["type"], position, "again" if duplicate else "", flush=True)

    if arguments.what != "run":
        values = vars(arguments)
        if arguments.what == "notify":
            values = {**values, "url": values["url_"]}
        say(arguments.what, values, arguments.key or uuid.uuid4().hex)
        return
    day = uuid.uuid4().hex[:12]
    number = 0
    while arguments.count is None or number < arguments.count:
        what, values = DAY[number % len(DAY)]
        say(what, values, f"{day}-{number}")
        number += 1
        if arguments.count is None or number < arguments.count:
            time.sleep(arguments.every)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
