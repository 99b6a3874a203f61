package delta

import (
	"encoding/json"
	"fmt"

	"github.com/parquet-go/parquet-go"
)

// field is a column, or a field of a struct, in Delta's description of schemas.
type field struct {
	Name     string   `json:"name"`
	Type     any      `json:"type"` // the name of a primitive type, a structType or an arrayType
	Nullable bool     `json:"nullable"`
	Metadata struct{} `json:"metadata"`
}

type structType struct {
	Type   string  `json:"type"` // struct
	Fields []field `json:"fields"`
}

type arrayType struct {
	Type         string `json:"type"` // array
	ElementType  any    `json:"elementType"`
	ContainsNull bool   `json:"containsNull"`
}

// schemaString returns metaData.schemaString of the files of a Parquet schema.
func schemaString(schema *parquet.Schema) (string, error) {
	t, err := structOf(schema)
	if err != nil {
		return "", fmt.Errorf("schema: %w", err)
	}
	text, err := json.Marshal(t)
	return string(text), err
}

func structOf(group parquet.Node) (any, error) {
	s := structType{Type: "struct", Fields: []field{}}
	for _, f := range group.Fields() {
		t, err := typeOf(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		s.Fields = append(s.Fields, field{Name: f.Name(), Type: t, Nullable: f.Optional()})
	}
	return s, nil
}

func typeOf(node parquet.Node) (any, error) {
	name := node.Type().String()
	switch {
	case node.Leaf() && !node.Repeated():
		if t := primitive(name); t != "" {
			return t, nil
		}
	case name == "LIST":
		element := node.Fields()[0].Fields()[0]
		t, err := typeOf(element)
		return arrayType{Type: "array", ElementType: t, ContainsNull: element.Optional()}, err
	case name != "MAP" && !node.Repeated():
		return structOf(node)
	}
	return nil, fmt.Errorf("no type of Delta Lake for %v", node)
}

// primitive returns the name in Delta of a type of parquet-go, "" if no row type has it.
func primitive(parquetType string) string {
	switch parquetType {
	case "STRING":
		return "string"
	case "BOOLEAN":
		return "boolean"
	case "INT(16,true)":
		return "short"
	case "INT32", "INT(32,true)":
		return "integer"
	case "INT64", "INT(64,true)":
		return "long"
	case "DATE":
		return "date"
	case "FLOAT":
		return "float"
	case "DOUBLE":
		return "double"
	}
	return ""
}
