#pragma once

#include <caf/all.hpp>

// CAF's test header names a suite of its own unless the file has named one
// before it; each of our files names its own.
#include <caf/test/unit_test.hpp>
#undef CAF_SUITE
