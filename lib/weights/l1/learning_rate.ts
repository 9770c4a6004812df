export {learningRate} from '../../model/learning_rate';
