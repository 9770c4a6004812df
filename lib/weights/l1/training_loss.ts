export {addTrainingLoss} from '../../model/training_loss';
