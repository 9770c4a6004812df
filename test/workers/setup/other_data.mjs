import {train} from './data.mjs';

export {train};
export const validation = train;
