<?php
/**
 * The code of docs/laravel.md, in SQLite, on Debian's Laravel: reads `{"folder"}`, where the page's files are, plays a
 * day of a shop, and prints what was answered and broadcast.
 */

use App\Feed\CacheHead;
use App\Feed\Feed;
use App\Feed\FeedEvent;
use App\Feed\PublishFeed;
use App\Http\Controllers\ProductController;
use App\Models\Product;
use Illuminate\Broadcasting\Broadcasters\Broadcaster;
use Illuminate\Broadcasting\BroadcastManager;
use Illuminate\Cache\ArrayStore;
use Illuminate\Cache\Repository as CacheRepository;
use Illuminate\Config\Repository;
use Illuminate\Container\Container;
use Illuminate\Contracts\Broadcasting\Factory as Broadcasts;
use Illuminate\Contracts\Bus\Dispatcher as Bus;
use Illuminate\Contracts\Cache\Repository as Cache;
use Illuminate\Database\Capsule\Manager;
use Illuminate\Database\DatabaseTransactionsManager;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Events\Dispatcher;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Facade;
use Illuminate\Support\Facades\Schema;

// Debian's Laravel is older than its PHP, and says so.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', 'stderr');

require_once 'Illuminate/autoload.php';

/** Notes what it is to broadcast; fails when it is told to. */
class Recorder extends Broadcaster
{
    public array $sent = [];
    public bool $isAway = false;

    public function auth($request)
    {
    }

    public function validAuthenticationResponse($request, $result)
    {
    }

    public function broadcast(array $channels, $event, array $payload = [])
    {
        if ($this->isAway) {
            throw new RuntimeException('the server is away');
        }
        $this->sent[] = ['channels' => $channels, 'event' => $event, 'payload' => $payload];
    }
}

/** Queued jobs wait until a test runs them. */
class Jobs implements Bus
{
    public array $waiting = [];

    public function dispatch($command)
    {
        $this->waiting[] = $command;
    }

    public function dispatchSync($command, $handler = null)
    {
        throw new LogicException('nothing is to be done at once');
    }

    public function dispatchNow($command, $handler = null)
    {
        $this->dispatchSync($command);
    }

    public function hasCommandHandler($command)
    {
        return false;
    }

    public function getCommandHandler($command)
    {
        return false;
    }

    public function pipeThrough(array $pipes)
    {
        return $this;
    }

    public function map(array $map)
    {
        return $this;
    }
}

/** An application with a database, a broadcaster and a queue. */
function application(Recorder $recorder, Jobs $jobs, string $database): void
{
    $app = new Container();
    Container::setInstance($app);
    Facade::setFacadeApplication($app);
    $app->instance('config', new Repository([
        'broadcasting' => ['default' => 'recorder', 'connections' => ['recorder' => ['driver' => 'recorder']]],
    ]));
    $app->instance(Bus::class, $jobs);
    // Where a job that waits has its lock.
    $app->instance(Cache::class, new CacheRepository(new ArrayStore()));
    $app->instance('request', Request::create('/', 'POST', server: ['HTTP_X_SOCKET_ID' => '12.34']));
    $manager = new BroadcastManager($app);
    $manager->extend('recorder', fn () => $recorder);
    $app->instance(Broadcasts::class, $manager);

    $capsule = new Manager($app);
    $capsule->addConnection(['driver' => 'sqlite', 'database' => $database]);
    $capsule->setEventDispatcher(new Dispatcher($app));
    $capsule->bootEloquent();
    $capsule->getConnection()->setTransactionManager(new DatabaseTransactionsManager());
    $app->instance('db', $capsule->getDatabaseManager());
}

function load(string $folder): void
{
    $files = ['Feed/Head', 'Feed/FeedEvent', 'Feed/Feed', 'Feed/PublishFeed', 'Feed/HasFeed', 'Models/Product'];
    foreach ([...$files, 'Feed/CacheHead', 'Http/Controllers/ProductController'] as $file) {
        require_once "$folder/app/$file.php";
    }
    $migration = require glob("$folder/database/migrations/*.php")[0];
    $migration->up();
    $migration->down();
    $migration->up();
    Schema::create('products', function (Blueprint $table) {
        $table->id();
        $table->string('name');
        $table->integer('stock')->default(0);
        $table->timestamps();
    });
}

/** What a request of the list or of one row is answered. */
function get(string $query = '', array $headers = [], ?int $id = null): array
{
    $server = [];
    foreach ($headers as $name => $value) {
        $server['HTTP_' . strtr(strtoupper($name), '-', '_')] = $value;
    }
    $request = Request::create("/api/products?$query", 'GET', server: $server);
    $feed = app(Feed::class);
    $controller = new ProductController();
    $next = fn () => $id === null ? $controller->index($request, $feed) : new JsonResponse($controller->show($id));
    $answer = (new CacheHead($feed))->handle($request, $next, 'products');
    $body = json_decode($answer->getContent(), true);
    foreach (['data', 'changed'] as $list) {
        if (isset($body[$list][0])) {
            $body[$list] = array_map(fn ($row) => [$row['id'], $row['name']], $body[$list]);
        }
    }
    return [
        'status' => $answer->getStatusCode(),
        'head' => $answer->headers->get('X-Cache-Head'),
        'etag' => $answer->headers->get('ETag'),
        'body' => $body,
    ];
}

/** What becomes true of a day in the shop, by name. */
function day(Recorder $recorder, Jobs $jobs): array
{
    $work = function () use ($jobs) {
        foreach (array_splice($jobs->waiting, 0) as $job) {
            // A worker gives the lock of the job back before it begins.
            app(Cache::class)->lock('laravel_unique_job:' . PublishFeed::class)->forceRelease();
            $job->handle(app(Feed::class));
        }
    };
    $seen = ['nothing' => get()];
    [$rope] = [Product::create(['name' => 'rope']), Product::create(['name' => 'lamp'])];
    $seen['two'] = get();
    $seen['known'] = get(headers: ['If-None-Match' => 'W/' . $seen['two']['etag']]);
    $seen['row'] = get(id: 1);

    try {
        DB::transaction(function () {
            Product::create(['name' => 'never']);
            throw new DomainException('rolled back');
        });
    } catch (DomainException) {
        $seen['rolledBack'] = get();
    }
    $recorder->isAway = true;
    try {
        $work();
    } catch (RuntimeException $error) {
        $seen['away'] = $error->getMessage();
    }
    $recorder->isAway = false;
    // The jobs are gone, as after a crash: the scheduler's command sends what waits.
    app(Feed::class)->publish();
    $seen['sent'] = array_splice($recorder->sent, 0);

    DB::transaction(function () use ($rope) {
        $rope->increment('stock', 3);
        Product::find(2)->delete();
        Product::create(['name' => str_repeat('anchor ', 2_000)]);
    });
    $seen['since'] = get('since=' . urlencode($seen['two']['head']));
    $work();
    $seen['sentThen'] = array_splice($recorder->sent, 0);

    $before = get()['head'];
    DB::transaction(function () {
        Product::query()->update(['name' => 'same']);
        $event = new FeedEvent('App\Events\ProductChanged', ['private-cache-products'], []);
        app(Feed::class)->changedAll('products', $event);
    });
    $seen['sinceAll'] = get('since=' . urlencode($before));
    $before = get()['head'];
    $rope->update(['name' => 'line']);
    app(Feed::class)->prune(0);
    $seen['sincePruned'] = get('since=' . urlencode($before));
    $before = get()['head'];
    app(Feed::class)->newEpoch();
    $seen['newEpoch'] = get('since=' . urlencode($before));
    $work();
    $seen['sentAfterNewEpoch'] = $recorder->sent;
    try {
        app(Feed::class)->changedAll('products', new FeedEvent('X', ['x'], []));
    } catch (LogicException $error) {
        $seen['outside'] = $error->getMessage();
    }
    return $seen;
}

$input = json_decode(stream_get_contents(STDIN), true);
[$recorder, $jobs] = [new Recorder(), new Jobs()];
application($recorder, $jobs, $input['folder'] . '/shop.sqlite');
load($input['folder']);
echo json_encode(day($recorder, $jobs), JSON_THROW_ON_ERROR);
