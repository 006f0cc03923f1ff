<?php
/** An application's events and notification, as its authors write them. */

namespace App\Events {
    use Illuminate\Broadcasting\Channel;
    use Illuminate\Broadcasting\InteractsWithSockets;
    use Illuminate\Broadcasting\PresenceChannel;
    use Illuminate\Broadcasting\PrivateChannel;
    use Illuminate\Contracts\Broadcasting\ShouldBroadcast;

    /** Named by its class; the public properties are the payload. */
    class OrderShipped implements ShouldBroadcast
    {
        use InteractsWithSockets;

        protected string $margin = 'secret';

        public function __construct(public int $id, public string $note, public mixed $lines)
        {
        }

        public function broadcastOn()
        {
            return [new Channel('orders'), new PrivateChannel('orders.3')];
        }
    }

    /** Has a name and a payload of its own. */
    class OrderPaid implements ShouldBroadcast
    {
        use InteractsWithSockets;

        public string $hidden = 'by broadcastWith';

        public function broadcastOn()
        {
            return new PresenceChannel('room');
        }

        public function broadcastAs()
        {
            return 'order.paid';
        }

        public function broadcastWith()
        {
            return ['total' => 0.1, 'currency' => '€', 'paid' => null];
        }
    }

    /** Says nothing but that it happened. */
    class ShopOpened implements ShouldBroadcast
    {
        use InteractsWithSockets;

        public function broadcastOn()
        {
            return 'orders';
        }
    }
}

namespace App\Notifications {
    use Illuminate\Notifications\Notification;

    class InvoicePaid extends Notification
    {
        public $id = '6f1a1e1c-0000-4000-8000-000000000001';
    }
}

namespace App\Models {
    /** Of Eloquent's user only what broadcasting asks for: no database. */
    class User extends \Illuminate\Auth\GenericUser
    {
        public function getKey()
        {
            return $this->getAuthIdentifier();
        }
    }
}
