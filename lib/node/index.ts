export {fileJournal} from './file_journal';
export {fileSystem} from './file_system';
export type {ContentEncoding} from './precompress';
export type {LayoutArgs} from './save';
