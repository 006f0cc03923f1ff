<?php

// Records what phpdotenv makes of the cases in tests/fixtures/dotenv.json, and Laravel's `env()` of a value:
//   php tests/interop/php/dotenv.php tests/fixtures/dotenv.json
// Debian's phpdotenv is used, or the sources in the folder PHPDOTENV. Its rules have not changed since 5.4 but for
// names in other alphabets and a line with `="` within a value of several lines.

use Dotenv\Dotenv;
use Dotenv\Exception\InvalidFileException;
use Dotenv\Repository\Adapter\ArrayAdapter;
use Dotenv\Repository\RepositoryBuilder;

if ($sources = getenv('PHPDOTENV')) {
    spl_autoload_register(function (string $class) use ($sources) {
        $file = $sources.'/'.str_replace(['Dotenv\\', '\\'], ['', '/'], $class).'.php';
        if (str_starts_with($class, 'Dotenv\\') && is_file($file)) {
            require $file;
        }
    });
}
require_once 'GrahamCampbell/ResultType/autoload.php';
require_once 'PhpOption/autoload.php';
require_once 'Dotenv/autoload.php';
require_once 'Illuminate/Support/Env.php';

$path = $argv[1];
$fixture = json_decode(file_get_contents($path), true, 512, JSON_THROW_ON_ERROR);

foreach ($fixture['files'] as &$case) {
    $store = ArrayAdapter::create()->get();
    foreach ($case['process'] ?? [] as $name => $value) {
        $store->write($name, $value);
    }
    $builder = RepositoryBuilder::createWithNoAdapters()->addReader($store)->addWriter($store)->immutable();
    unset($case['variables'], $case['refused']);
    $folder = sys_get_temp_dir().'/dotenv-'.getmypid();
    @mkdir($folder);
    file_put_contents("$folder/.env", $case['file']);
    try {
        Dotenv::create($builder->make(), $folder)->load();
        $variables = Closure::bind(fn () => $this->variables, $store, ArrayAdapter::class)();
        ksort($variables, SORT_STRING);
        $case['variables'] = (object) $variables;
    } catch (InvalidFileException) {
        $case['refused'] = true;
    }
    unlink("$folder/.env");
    rmdir($folder);
    if (isset($case['process'])) {
        $case['process'] = (object) $case['process'];
    }
}
unset($case);

foreach ($fixture['values'] as &$case) {
    putenv('ECHOLITE_CASE='.$case['value']);
    $case['laravel'] = Illuminate\Support\Env::get('ECHOLITE_CASE');
}
unset($case);

$flags = JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE;
$text = preg_replace_callback('/^ +/m', fn ($m) => str_repeat(' ', strlen($m[0]) / 2), json_encode($fixture, $flags));
file_put_contents($path, $text."\n");
