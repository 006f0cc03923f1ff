"""Verifies webhook requests (a JSON list on stdin) with Pusher's SDK, and prints what it makes of each."""

import json
import sys

import pusher


def verdicts(secret, requests):
    sdk = pusher.Pusher(app_id="1001", key="shop-key", secret=secret)
    verify = sdk.validate_webhook
    return [verify(request["key"], request["signature"], request["body"]) for request in requests]


requests = json.load(sys.stdin)
print(
    json.dumps({"right": verdicts("shop-secret", requests), "wrong": verdicts("wrong", requests)})
)
