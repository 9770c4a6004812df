/** What it takes to tell structured pruning how channels pass through a layer of your own. */
export {
  ChannelGraph,
  type Binding,
  type ChannelKind,
  type ChannelRole,
  type ChannelRule,
  type Consumer,
  type Resize,
  type RuleCall,
} from './channels/graph/channel_graph';
export {Channels, onlyZeros, type Constants} from './channels/graph/channels';
export {registerChannelRule} from './channels/rules/registry';
export type {LayerConfig} from './model/layer_tree';
