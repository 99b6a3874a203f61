package inert

import "regexp"

// hidden stands for what is not shown.
const hidden = "***"

var (
	// userinfo is what comes before the host in a URL.
	userinfo = regexp.MustCompile(`(://)[^/?#\s]*@`)
	// parameter is a parameter of a URL whose name looks like that of a secret.
	parameter = regexp.MustCompile(`(?i)([?&;][^?&;=#\s]*` +
		`(?:token|key|secret|pass|pwd|auth|sig|credential|session)[^?&;=#\s]*=)[^&;#\s"']*[^&;#\s"':,.)]`)
)

// Redact hides what may be secret in the URLs of a text: the name and password before the host, and
// parameters such as token, api_key or X-Amz-Signature.
func Redact(s string) string {
	return parameter.ReplaceAllString(userinfo.ReplaceAllString(s, "${1}"+hidden+"@"), "${1}"+hidden)
}
