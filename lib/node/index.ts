export {fileJournal} from './file_journal';
export {fileSystem} from './file_system';
