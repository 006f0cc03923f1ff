import { Refusal } from '../api.js';
import { byId, make } from '../dom.js';
import { signIn } from './api.js';
import type { User } from './rows.js';
import { signal } from './signal.js';

/** Lets somebody say who they are; resolves once the server has taken it. */
export function askWhoIsThere(users: User[]): Promise<void> {
  byId('sign-in').hidden = false;
  return new Promise((resolve) => {
    const items = users.map((user) => {
      const button = make('button', 'sign-in-user');
      button.type = 'button';
      button.dataset.user = String(user.id);
      button.append(signal(user.name), make('b', '', user.name), make('span', 'help', user.trade));
      button.addEventListener('click', () => {
        signIn(user).then(resolve, (error: unknown) => {
          byId('sign-in-message').textContent = error instanceof Refusal ? error.message : String(error);
        });
      });
      const item = make('li');
      item.append(button);
      return item;
    });
    byId('sign-in-users').replaceChildren(...items);
  });
}
