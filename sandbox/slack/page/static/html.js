/** The page's one way to make elements: templates whose values can only become text. */
import htm from './vendor/htm.js';
import { createContext, Fragment, h, render } from './vendor/preact.js';

export const html = htm.bind(h);
export { createContext, Fragment, render };
export {
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from './vendor/hooks.js';
