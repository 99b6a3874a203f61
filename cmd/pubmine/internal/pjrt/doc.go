// Package pjrt installs the shared libraries through which XLA computes, PJRT plugins, into the
// user's cache folder, where package device finds them.
//
// Python packages carry the plugins, so Python's own package client fetches them: "python3 -m pip
// download" of what cpu.txt or cuda.txt pins by version and sha256. Nothing of a package is run or
// installed as Python. A wheel is a zip file; of those that were fetched the libraries are taken:
//
//	pjrt_c_api_cpu_plugin.so                               from lammps-jax-pjrt-cpu
//	jax-cuda12-pjrt-0.10.2/jax_plugins/xla_cuda12/*.so     from jax-cuda12-pjrt, beside
//	jax-cuda12-pjrt-0.10.2/nvidia/                         NVIDIA's libraries, where the plugin looks for them
//
// Each file gets its name only when it is whole and on the disk, the plugin last of all, so that a
// plugin that is found can be opened.
package pjrt
