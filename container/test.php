<?php

declare(strict_types=1);

// Who answers? Commit, colour and host name of the task: a person who reloads this page sees a swap happen.
// Nothing here is believed: every value is escaped, and only a plain word or six digits reach the style.

function environment(string $name): ?string
{
    $value = getenv($name);

    return $value === false || $value === '' ? null : $value;
}

$commit = environment('COMMIT') ?? 'unknown';
$colour = environment('COLOUR') ?? 'unknown';

// The page's tint: the COLOUR if it is a plain word, else the first six digits of the commit, so that no two look alike.
$tint = match (true) {
    preg_match('/\A[a-z]{3,20}\z/', environment('COLOUR') ?? '', $found) === 1 => $found[0],
    preg_match('/\A[0-9a-f]{6}/', $commit, $found) === 1 => '#' . $found[0],
    default => 'grey',
};

// The load balancer says at which of its listeners the request arrived: production or test.
$listener = $_SERVER['HTTP_X_FORWARDED_PORT'] ?? 'none (no load balancer in between)';

$facts = [
    'Commit' => $commit,
    'Colour' => $colour,
    'Host name' => (string) gethostname(),
    'Port of the container' => environment('PORT') ?? 'unknown',
    'Port of the listener' => $listener,
    'PHP' => PHP_VERSION,
];

header('Content-Type: text/html; charset=utf-8');
header('Cache-Control: no-store');

?>
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>test.php</title>
<style>
body { border-top: 2rem solid <?= $tint ?>; font-family: sans-serif; margin: 0; padding: 1rem 2rem; }
th { padding-right: 2rem; text-align: left; }
</style>
</head>
<body>
<h1>Who answers</h1>
<table>
<?php foreach ($facts as $name => $value) : ?>
<tr><th><?= htmlspecialchars($name) ?></th><td><?= htmlspecialchars($value) ?></td></tr>
<?php endforeach ?>
</table>
</body>
</html>
