/** The page: who you are and where, drawn from the server's state. */
import { Reader } from './contexts.js';
import { Conversation } from './conversation.js';
import { useFocusRefuge } from './focus.js';
import { Home } from './home.js';
import { html, render, useEffect, useState } from './html.js';
import { Modal } from './modal.js';
import { Chooser, selectable } from './people.js';
import { Sidebar } from './sidebar.js';
import { useWorkspace } from './store.js';

function hrefTo({ user, place }) {
  const query = new URLSearchParams({ ...(user && { user }), ...(place && { in: place }) });
  return `?${query}`;
}

function currentRoute() {
  const query = new URLSearchParams(location.search);
  return { user: query.get('user') ?? '', place: query.get('in') ?? '' };
}

/** The person and the place live in the address, so that a reload or a second tab keeps them. */
function useRoute() {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const onPop = () => setRoute(currentRoute());
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);

  function go(to) {
    history.pushState(null, '', hrefTo(to));
    setRoute(to);
  }
  return [route, go];
}

function conversations(state) {
  const named = state.channels.map(({ id, name, topic }) => ({ id, title: `#${name}`, about: topic }));
  const direct = state.dms.map(({ id }) => ({
    id,
    title: state.workspace.app.name,
    about: 'Direct messages between you and the app',
  }));
  return [...named, ...direct];
}

/** Another person's direct messages have another id; being there, one stays in one's own. */
function resolvePlace(wanted, state) {
  if (wanted === 'home') return 'home';
  const known = conversations(state).map(({ id }) => id);
  if (known.includes(wanted)) return wanted;
  return (wanted.startsWith('D') && state.dms[0]?.id) || known[0] || 'home';
}

function byId(things) {
  return new Map((things ?? []).map((thing) => [thing.id, thing]));
}

function readerFor(me, state) {
  const { app } = state.workspace;
  const robot = { id: app.bot_user_id, real_name: app.name, is_bot: true };
  return {
    me: me.id,
    locale: me.locale || 'en-US',
    tz: me.tz || 'UTC',
    users: byId([...state.users, robot]),
    usergroups: byId(state.usergroups),
    channels: byId(state.channels),
  };
}

function Workspace({ state, me, route, go, send }) {
  const place = resolvePlace(route.place, state);
  const reader = readerFor(me, state);
  const conversation = conversations(state).find(({ id }) => id === place);
  const title = conversation?.title ?? `${state.workspace.app.name}: Home`;
  useFocusRefuge();

  useEffect(() => {
    document.title = `${title} · ${me.real_name} · ${state.workspace.team_name}`;
  }, [title, me.real_name, state.workspace.team_name]);

  return html`<${Reader.Provider} value=${reader}>
    <a class="skip" href="#main">Skip the sidebar</a>
    <${Sidebar}
      ...${{ state, me, place, reader }}
      hrefFor=${(to) => hrefTo({ user: me.id, place: to })}
      onGo=${(to) => go({ user: me.id, place: to })}
      onSwitch=${(user) => go({ user, place })}
    />
    ${conversation
      ? html`<${Conversation}
          key="${me.id}-${place}"
          channel=${place}
          ...${conversation}
          messages=${state.messages[place] ?? []}
          commands=${state.workspace.commands ?? []}
          ...${{ reader, me, send }}
        />`
      : html`<${Home} key=${me.id} app=${state.workspace.app} view=${state.home} send=${send} />`}
    ${state.view && html`<${Modal} key=${state.view.id} view=${state.view} send=${send} />`}
  </${Reader.Provider}>`;
}

function App() {
  const [route, go] = useRoute();
  const { state, online, send } = useWorkspace(route.user);
  const me = state && selectable(state.users).find(({ id }) => id === route.user);

  return html`<div class="frame ${me ? '' : 'unchosen'}">
    ${!online && html`<p class="offline" role="status">The sandbox does not answer. Trying again …</p>`}
    ${me && html`<${Workspace} key=${me.id} ...${{ state, me, route, go, send }} />`}
    ${state && !me && html`<${Chooser} state=${state} unknown=${route.user} hrefFor=${(user) => hrefTo({ user, place: route.place })} />`}
  </div>`;
}

render(html`<${App} />`, document.getElementById('page'));
