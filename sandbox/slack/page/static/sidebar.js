/** Where one can go in the workspace, and who one is there. */
import { html, useState } from './html.js';
import { Payments } from './payments.js';
import { Switcher } from './people.js';
import { mentionCount, unreadCount } from './unread.js';

function Place({ place, label, current, unread, named = 0, hrefFor, onGo }) {
  return html`<li>
    <a
      href=${hrefFor(place)}
      class=${unread ? 'unread' : ''}
      aria-current=${current ? 'page' : null}
      onClick=${(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onGo(place);
      }}
    >
      <span>${label}</span>
      ${unread > 0 && html`<span class="count">${unread}<span class="sr-only"> new</span></span>`}
      ${named > 0 && html`<span class="count named" title="You are mentioned">@${named}<span class="sr-only"> mentioning you</span></span>`}
    </a>
  </li>`;
}

export function Sidebar({ state, me, place, reader, hrefFor, onGo, onSwitch }) {
  const [open, setOpen] = useState(false);
  const { team_name: team, app } = state.workspace;

  const item = (id, label) => html`<${Place}
    key=${id}
    place=${id}
    label=${label}
    current=${id === place}
    unread=${id === place ? 0 : unreadCount(state.messages?.[id] ?? [], me.id, id)}
    named=${id === place || !id.startsWith('C') ? 0 : mentionCount(state.messages?.[id] ?? [], me.id, id, state.usergroups)}
    hrefFor=${hrefFor}
    onGo=${(to) => {
      setOpen(false);
      onGo(to);
    }}
  />`;

  return html`<header class="sidebar ${open ? 'open' : ''}">
    <div class="workspace">
      <div>
        <h1>${team}</h1>
        <p class="standin">Sandbox workspace — a stand-in for Slack</p>
      </div>
      <button
        type="button"
        class="button menu-button"
        aria-expanded=${open ? 'true' : 'false'}
        aria-controls="sidebar-content"
        onClick=${() => setOpen(!open)}
      >Menu</button>
    </div>
    <div class="sidebar-content" id="sidebar-content">
      <${Switcher} users=${state.users} me=${me} onSwitch=${onSwitch} />
      <nav aria-label="Workspace">
        ${state.channels.length > 0 && html`<h2 id="nav-channels">Channels</h2>
          <ul aria-labelledby="nav-channels">
            ${state.channels.map((channel) => item(channel.id, `# ${channel.name}`))}
          </ul>`}
        <h2 id="nav-app">${app.name} <span class="badge">App</span></h2>
        <ul aria-labelledby="nav-app">
          ${(state.dms ?? []).map((dm) => item(dm.id, 'Messages'))}
          ${item('home', 'Home')}
        </ul>
        ${Object.keys(state.links ?? {}).length > 0 && html`<h2 id="nav-links">Behind the scenes</h2>
          <ul aria-labelledby="nav-links">
            ${Object.entries(state.links).map(([title, url]) => html`<li key=${title}>
              <a href=${url} target="_blank" rel="noreferrer">${title}</a>
            </li>`)}
          </ul>`}
      </nav>
      ${state.payments && html`<${Payments} payments=${state.payments} reader=${reader} />`}
    </div>
  </header>`;
}
