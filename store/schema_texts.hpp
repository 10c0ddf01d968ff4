#pragma once

namespace muster {

/// The files of store/schema/, as the build found them.
extern const char* const index_schema_text;
extern const char* const local_schema_text;

} // namespace muster
