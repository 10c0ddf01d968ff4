# muster_embed_text(<target> <identifier> <file>) compiles the text of a file in
# as muster::<identifier>. Lines are literals of their own: compilers bound the
# length of one. Done when CMake configures, which a change of the file brings
# about.
function(muster_embed_text target identifier file)
  cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE input)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${input}")
  file(READ "${input}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n  \"" text "${text}")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${identifier}.cpp")
  file(CONFIGURE OUTPUT "${output}" @ONLY
       CONTENT "#include \"muster/store/schema_texts.hpp\"\n\nnamespace muster {\n\nconst char* const @identifier@ =\n  \"@text@\";\n\n} // namespace muster\n")
  target_sources("${target}" PRIVATE "${output}")
endfunction()
