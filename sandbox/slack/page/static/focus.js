/** Keeps the keyboard's place when a redraw takes the focused control away. */
import { useEffect, useLayoutEffect, useRef } from './html.js';

/** The next best place is the nearest surrounding element marked with `data-refuge`. */
export function useFocusRefuge() {
  const last = useRef({});

  useEffect(() => {
    const remember = ({ target }) => {
      last.current = { target, refuge: target.closest('[data-refuge]') };
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, []);

  useLayoutEffect(() => {
    const { target, refuge } = last.current;
    if (document.activeElement === document.body && target?.isConnected === false && refuge?.isConnected) {
      refuge.focus({ preventScroll: true });
    }
  });
}
