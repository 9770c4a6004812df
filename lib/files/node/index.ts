export {fileJournal} from './file_journal';
export {fileSystem} from './file_system';
export type {LayoutArgs} from '../layout';
export type {ContentEncoding} from './precompress';
