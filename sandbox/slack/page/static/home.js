/** The app's Home tab. */
import { Blocks } from './blocks.js';
import { Surface } from './contexts.js';
import { html, useEffect } from './html.js';
import { useSurface } from './surface.js';

export function Home({ app, view, send }) {
  const surface = useSurface(send, { home: true }, view?.blocks ?? [], { known: view?.state.values });

  const failure = surface.error ?? view?.client_error;

  useEffect(() => {
    send('home', {}).then((answer) => answer.ok || surface.setError(answer.error));
  }, []);

  return html`<main class="home" id="main">
    <header class="place-head"><h2>${app.name}: Home</h2></header>
    <div class="home-body" data-refuge tabindex="-1">
      ${failure && html`<p class="failure" role="alert">${failure}</p>`}
      ${view
        ? html`<${Surface.Provider} value=${surface}><${Blocks} key=${view.id} blocks=${view.blocks} /></${Surface.Provider}>`
        : html`<div class="empty">
            <p><strong>${app.name} has not put anything here yet.</strong></p>
            <p>An app may publish its Home when you open it.</p>
          </div>`}
    </div>
  </main>`;
}
