// Renders on the server what imports the stock packages by their names.
import { configureEcho, echo as hookEcho } from '@laravel/echo-vue';
import Echo from 'laravel-echo';
import Pusher from 'pusher-js';

export function render() {
  const options = { broadcaster: 'reverb', key: 'shop-key', wsHost: '127.0.0.1', forceTLS: false };
  configureEcho(options);
  hookEcho()
    .channel('orders')
    .listen('OrderShipped', () => {});
  const status = new Echo(options).connectionStatus();
  return `${status}, one Pusher: ${hookEcho().connector.pusher instanceof Pusher}`;
}
