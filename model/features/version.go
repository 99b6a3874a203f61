package features

// Version is the version of the features, and part of every configuration that uses heads on
// features. Increase it with every change of the features of any text or pair: heads that were
// trained on the features before must be trained again.
const Version = 1
