import {expose} from 'comlink';

import {Lab} from './lab';

expose(new Lab());
