export {packed, type PackedArgs, type PackedSource} from './packed';
