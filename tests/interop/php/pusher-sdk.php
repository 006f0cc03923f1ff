<?php
/**
 * Stands in for Pusher's SDK for PHP, which Debian does not package: as much of it as Laravel's PusherBroadcaster
 * calls. So the signatures are made here, as Pusher documents them, and not by the SDK; Laravel decides who may
 * join, what is signed, and what of it is answered. Events are kept, not sent.
 */

namespace Pusher;

/** By this class Laravel tells that the SDK is of version 5 or newer. */
class ApiErrorException extends \Exception
{
}

class Pusher
{
    public array $triggered = [];

    public function __construct(private string $key, private string $secret, string $appId, array $options = [])
    {
    }

    public function socket_auth(string $channel, string $socketId): string
    {
        return json_encode(['auth' => $this->sign("$socketId:$channel")]);
    }

    public function presence_auth(string $channel, string $socketId, string $userId, mixed $info = null): string
    {
        $data = json_encode(['user_id' => $userId] + ($info ? ['user_info' => $info] : []));
        return json_encode(['auth' => $this->sign("$socketId:$channel:$data"), 'channel_data' => $data]);
    }

    /** The payload as the text that travels. */
    public function trigger(array $channels, string $event, array $data, array $parameters = []): void
    {
        $this->triggered[] = compact('channels', 'event') + ['data' => json_encode($data)] + $parameters;
    }

    private function sign(string $text): string
    {
        return $this->key . ':' . hash_hmac('sha256', $text, $this->secret);
    }
}
