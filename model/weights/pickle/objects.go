package pickle

import "fmt"

// build sets the state of an object: the attributes of a Namespace. Those of an OrderedDict are
// dropped.
func (d *Decoder) build(object *Dict, state any) error {
	attributes, ok := state.(*Dict)
	if !ok {
		return fmt.Errorf("the state of a %s is a %s instead of a dict", object.class, TypeName(state))
	}
	if object.class != namespace {
		return nil
	}
	if d.values += len(attributes.Keys); d.values > MaxValues {
		return fmt.Errorf("more than %d values", MaxValues)
	}
	object.Keys, object.Values = append(object.Keys, attributes.Keys...), append(object.Values, attributes.Values...)
	return nil
}

// ask runs an instruction that names a global, calls one, or loads the object of a persistent id.
func (d *Decoder) ask(op opcode) error {
	switch op {
	case opGlobal, opStackGlobal:
		g, err := d.global(op)
		if err != nil {
			return err
		}
		if g != orderedDict && g != namespace && !d.host.Allows(g) {
			return fmt.Errorf("global %q is not one of those that plain data and tensors need: %s", g, advice)
		}
		return d.push(g)
	case opBinPersID:
		id, err := d.pop()
		if err != nil {
			return err
		}
		value, err := d.host.Persistent(id)
		if err != nil {
			return err
		}
		return d.push(value)
	}
	arguments, err := d.pop()
	if err != nil {
		return err
	}
	function, err := d.pop()
	if err != nil {
		return err
	}
	args, isTuple := arguments.(Tuple)
	g, isGlobal := function.(Global)
	if !isTuple || !isGlobal {
		return fmt.Errorf("a %s is called with a %s", TypeName(function), TypeName(arguments))
	}
	value, err := d.call(g, args)
	if err != nil {
		return err
	}
	return d.push(value)
}

func (d *Decoder) call(g Global, args Tuple) (any, error) {
	if g != orderedDict && g != namespace {
		return d.host.Call(g, args)
	}
	if len(args) > 0 {
		return nil, fmt.Errorf("%s is called with arguments", g)
	}
	return &Dict{class: g}, nil
}

// global reads the name of a global from the instruction or the stack.
func (d *Decoder) global(op opcode) (Global, error) {
	if op == opGlobal {
		module, err := d.line()
		if err != nil {
			return "", err
		}
		name, err := d.line()
		return Global(module + "." + name), err
	}
	name, err := d.pop()
	if err != nil {
		return "", err
	}
	module, err := d.pop()
	if err != nil {
		return "", err
	}
	m, ok1 := module.(string)
	n, ok2 := name.(string)
	if !ok1 || !ok2 {
		return "", fmt.Errorf("a global is named by a %s and a %s", TypeName(module), TypeName(name))
	}
	return Global(m + "." + n), nil
}
