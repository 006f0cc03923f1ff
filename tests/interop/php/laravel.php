<?php
/**
 * Laravel's own broadcasting code, asked for what it would send: reads `{"key", "secret", "authorize": [{"channel_name",
 * "socket_id"}, …]}` and prints the answers to the authorisation requests (null: refused) and the events.
 */

use App\Events\OrderPaid;
use App\Events\OrderShipped;
use App\Events\ShopOpened;
use App\Models\User;
use App\Notifications\InvoicePaid;
use Illuminate\Broadcasting\BroadcastEvent;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Config\Repository;
use Illuminate\Container\Container;
use Illuminate\Contracts\Broadcasting\Factory;
use Illuminate\Http\Request;
use Illuminate\Notifications\Events\BroadcastNotificationCreated;
use Illuminate\Support\Facades\Facade;
use Symfony\Component\HttpKernel\Exception\AccessDeniedHttpException;

// Debian's Laravel is older than its PHP, and says so.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', 'stderr');

require_once 'Illuminate/autoload.php';
require_once __DIR__ . '/pusher-sdk.php';
require_once __DIR__ . '/events.php';

/** An application with what config/broadcasting.php holds. */
function broadcasting(string $key, string $secret): BroadcastManager
{
    $connection = ['driver' => 'pusher', 'key' => $key, 'secret' => $secret, 'app_id' => '1001'];
    $app = new Container();
    Container::setInstance($app);
    $app->instance('config', new Repository([
        'broadcasting' => ['default' => 'reverb', 'connections' => ['reverb' => $connection]],
    ]));
    // The request during which the events happen: Echo tells its socket id in this header.
    $app->instance('request', Request::create('/', 'POST', server: ['HTTP_X_SOCKET_ID' => '1234.5678']));
    $manager = new BroadcastManager($app);
    $app->instance(Factory::class, $manager);
    Facade::setFacadeApplication($app);
    return $manager;
}

/** What routes/channels.php holds. */
function channels(BroadcastManager $manager): void
{
    $broadcaster = $manager->connection();
    $broadcaster->channel('orders.{id}', fn (User $user, $id) => (int) $id === 3);
    $broadcaster->channel('App.Models.User.{id}', fn (User $user, $id) => (int) $id === $user->getKey());
    $broadcaster->channel('room', fn (User $user) => ['id' => $user->getKey(), 'name' => $user->name]);
}

/** What POST /broadcasting/auth answers. */
function authorize(BroadcastManager $manager, array $form, User $user): ?array
{
    $request = Request::create('/broadcasting/auth', 'POST', $form);
    $request->setUserResolver(fn () => $user);
    try {
        return $manager->connection()->auth($request);
    } catch (AccessDeniedHttpException) {
        return null;
    }
}

function events(BroadcastManager $manager, User $user): array
{
    $lines = collect([['sku' => 'a/1', 'count' => 2], ['sku' => 'ü', 'count' => 0]]);
    $events = [
        'an event by its class' => new OrderShipped(7, 'Grüße, 世界 "quoted"', $lines),
        'to others' => (new OrderShipped(8, '', []))->dontBroadcastToCurrentUser(),
        'broadcastAs and broadcastWith' => new OrderPaid(),
        'to others, with broadcastWith' => (new OrderPaid())->dontBroadcastToCurrentUser(),
        'no payload' => new ShopOpened(),
        'a notification' => new BroadcastNotificationCreated($user, new InvoicePaid(), ['amount' => 3]),
    ];
    foreach ($events as $event) {
        (new BroadcastEvent($event))->handle($manager);
    }
    $name = fn ($name, $triggered) => ['name' => $name] + $triggered;
    return array_map($name, array_keys($events), $manager->connection()->getPusher()->triggered);
}

$input = json_decode(stream_get_contents(STDIN), true);
$manager = broadcasting($input['key'], $input['secret']);
$user = new User(['id' => 7, 'name' => 'Änn/世界']);
channels($manager);
echo json_encode([
    'authorized' => array_map(fn ($form) => authorize($manager, $form, $user), $input['authorize']),
    'events' => events($manager, $user),
], JSON_THROW_ON_ERROR);
