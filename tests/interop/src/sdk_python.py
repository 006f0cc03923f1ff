"""Calls our HTTP API with Pusher's SDK and prints the answers as one JSON object."""

import json
import sys

import pusher
from pusher.errors import PusherBadAuth, PusherForbidden

PORT, SOCKET_ID = int(sys.argv[1]), sys.argv[2]


def client(secret):
    return pusher.Pusher(
        app_id="1001", key="shop-key", secret=secret, host="127.0.0.1", port=PORT, ssl=False
    )


def refused():
    try:
        client("wrong").trigger("orders", "shipped", {})
    except (PusherForbidden, PusherBadAuth):
        return "PusherForbidden or PusherBadAuth"
    return "accepted"


shop = client("shop-secret")
batch = [
    {"channel": "orders", "name": "a", "data": {"n": 1}},
    {"channel": "orders", "name": "b", "data": {"n": 2}},
]
print(
    json.dumps(
        {
            "trigger": shop.trigger("orders", "shipped", {"id": 1}),
            "batch": shop.trigger_batch(batch),
            "channels": shop.channels_info("ord"),
            "channel": shop.channel_info("orders", ["subscription_count"]),
            "wrong_secret": refused(),
            "to_one_user": shop.send_to_user("42", "notice", {"id": 1}),
            "users": shop.users_info("presence-empty"),
            "auth": shop.authenticate("private-chat", SOCKET_ID),
        }
    )
)
