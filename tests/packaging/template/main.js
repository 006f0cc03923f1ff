// What an application's first lines are: an Echo, a channel, an event.
import Echo from 'echolite';

const told = document.querySelector('#told');
const tell = (line) => {
  told.textContent += `${line}\n`;
};

const port = Number(new URLSearchParams(location.search).get('port'));
const echo = new Echo({
  broadcaster: 'reverb',
  key: 'shop-key',
  wsHost: '127.0.0.1',
  wsPort: port,
  forceTLS: false,
});
echo
  .channel('orders')
  .subscribed(() => tell('subscribed'))
  .listen('OrderShipped', ({ id }) => tell(`shipped ${id}`));
