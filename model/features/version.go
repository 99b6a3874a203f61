package features

// Version is part of every configuration that uses heads on features. A change to the features of
// any text or pair increments it: heads that were trained on the features before read others now.
const Version = 1
