/** What the sandbox's payment system may still spend, and what it has paid. */
import { html } from './html.js';

const SHOWN = 20;

export function money(amount, currency, reader) {
  try {
    return new Intl.NumberFormat(reader.locale, { style: 'currency', currency }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}

export function Payments({ payments, reader }) {
  const { budget, paid } = payments;
  const newest = [...paid].reverse();
  return html`<section class="payments" aria-labelledby="payments-title">
    <h2 id="payments-title">Payments</h2>
    <dl>
      ${Object.entries(budget).map(([currency, amount]) => html`<div key=${currency}>
        <dt>Left in ${currency}</dt>
        <dd>${money(amount, currency, reader)}</dd>
      </div>`)}
    </dl>
    ${newest.length === 0
      ? html`<p class="hint">Nothing has been paid yet.</p>`
      : html`<ul class="paid" aria-label="Paid expenses">
          ${newest.slice(0, SHOWN).map((one) => html`<li key=${one.expense_id}>
            <span class="paid-id">${one.payee ? reader.users.get(one.payee)?.real_name ?? one.payee : one.expense_id}</span>
            <span>${money(one.amount, one.currency, reader)}</span>
          </li>`)}
        </ul>`}
    ${newest.length > SHOWN && html`<p class="hint">and ${newest.length - SHOWN} earlier</p>`}
  </section>`;
}
