/** The people of the workspace: who they are, and who you are among them. */
import { html } from './html.js';

const SHADES = 6;

export function selectable(users) {
  return users.filter((user) => !user.deleted && !user.is_bot);
}

export function role(user) {
  return user.title || (user.is_restricted ? 'Guest' : '');
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return (words.length > 1 ? [words[0], words.at(-1)] : words).map((word) => [...word][0]).join('').toUpperCase();
}

export function Avatar({ id, name, app }) {
  const shade = [...id].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % SHADES;
  return html`<span class="avatar ${app ? 'robot' : `shade-${shade}`}" aria-hidden="true">${initials(name)}</span>`;
}

/** The first page: nobody is logged in, because nobody needs an account. */
export function Chooser({ state, unknown, hrefFor }) {
  const name = state.workspace.team_name;
  return html`<main class="chooser">
    <p class="standin">Sandbox workspace — a stand-in for Slack</p>
    <h1>${name}</h1>
    ${unknown && html`<p class="failure" role="alert">Nobody in this workspace has the id ${unknown}.</p>`}
    <h2 id="who">Who are you?</h2>
    <ul class="people" aria-labelledby="who">
      ${selectable(state.users).map((user) => html`<li key=${user.id}>
        <a href=${hrefFor(user.id)}>
          <${Avatar} id=${user.id} name=${user.real_name} />
          <span class="person"><strong>${user.real_name}</strong> <span>${role(user)}</span></span>
        </a>
      </li>`)}
    </ul>
    <p class="hint">No account needed. A second tab can be a second person.</p>
  </main>`;
}

/** The line in the sidebar that says who you are and lets you be somebody else. */
export function Switcher({ users, me, onSwitch }) {
  return html`<div class="switcher">
    <label for="you-are">You are</label>
    <select id="you-are" value=${me.id} onChange=${(event) => onSwitch(event.currentTarget.value)}>
      ${selectable(users).map((user) => html`<option key=${user.id} value=${user.id}>
        ${[user.real_name, role(user)].filter(Boolean).join(' — ')}
      </option>`)}
    </select>
    <a href="/" target="_blank">Be someone else in a new tab</a>
  </div>`;
}
