package answer

import "github.com/pubmine/pubmine/model/heads"

// Head is AnswerClassifier.
type Head = heads.AnswerClassifier

// ReadHead moved.
var ReadHead = heads.ReadAnswer
