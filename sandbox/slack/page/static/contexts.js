/** What the drawn blocks know of their surroundings. */
import { createContext } from './html.js';

/** Who reads: their locale and time zone, and the workspace's users, groups and channels by id. */
export const Reader = createContext();

/** What the blocks stand on (a message, a form, the Home tab), where clicks and values go. */
export const Surface = createContext();
