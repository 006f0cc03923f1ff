// A project that was written for laravel-echo and pusher-js, and imports them by their names.
import { configureEcho, echo as hookEcho, useEchoPublic } from '@laravel/echo-vue';
import Echo from 'laravel-echo';
import Pusher from 'pusher-js';
import PusherWithEncryption from 'pusher-js/with-encryption';
import { createApp, h } from 'vue';

const told = document.querySelector('#told');
const tell = (line) => {
  told.textContent += `${line}\n`;
};

window.Pusher = Pusher;
const options = {
  broadcaster: 'reverb',
  key: 'shop-key',
  wsHost: '127.0.0.1',
  wsPort: Number(new URLSearchParams(location.search).get('port')),
  forceTLS: false,
};

function listen(who, echo) {
  echo
    .channel('orders')
    .subscribed(() => tell(`${who} subscribed`))
    .listen('OrderShipped', ({ id }) => tell(`${who} shipped ${id}`));
}
listen('echo', new Echo(options));
listen(
  'stock echo',
  new Echo({ ...options, client: new Pusher('shop-key', { ...options, broadcaster: undefined }) }),
);

configureEcho(options);
createApp({
  setup() {
    useEchoPublic('orders', 'OrderShipped', ({ id }) => tell(`hook shipped ${id}`));
    hookEcho()
      .channel('orders')
      .subscribed(() => tell('hook subscribed'));
    return () => h('p', 'orders');
  },
}).mount('#app');

tell(`one Pusher: ${Pusher === PusherWithEncryption && hookEcho().connector.pusher instanceof Pusher}`);
