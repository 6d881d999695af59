# engine_room(<room> [<lower room>...]): the library engine_<room> of engine/<room>/*.c, or of
# <room>/*.c if the room is in bindings/. A / in the room's name becomes a _ in the library's name.
# The lower rooms are those whose headers its files include; each must have been declared before.
#
# Its include path is a folder with links to the room itself, the given rooms and the rooms that
# these see in turn (their headers include them), and nothing else of the project. Only rooms of
# bindings/ see Lua's headers; for the others, headers that stop the compiler shadow them.
set(engine_external PkgConfig::JANSSON PkgConfig::EXPAT PkgConfig::CURL PkgConfig::CRYPTO
    PkgConfig::ZLIB m)

function(room_folder room result)
  if(room MATCHES "^bindings/")
    set(${result} ${PROJECT_SOURCE_DIR}/${room} PARENT_SCOPE)
  else()
    set(${result} ${PROJECT_SOURCE_DIR}/engine/${room} PARENT_SCOPE)
  endif()
endfunction()

function(engine_room room)
  set(seen ${ARGN})
  set(libraries "")
  foreach(lower IN LISTS ARGN)
    get_property(lower_seen GLOBAL PROPERTY engine_room_${lower})
    list(APPEND seen ${lower_seen})
    string(REPLACE / _ library engine_${lower})
    list(PREPEND libraries ${library})
  endforeach()
  list(REMOVE_DUPLICATES seen)
  set_property(GLOBAL PROPERTY engine_room_${room} ${seen})

  set(view ${CMAKE_BINARY_DIR}/rooms/${room})
  file(REMOVE_RECURSE ${view})
  foreach(visible IN LISTS seen ITEMS ${room})
    cmake_path(GET visible PARENT_PATH parent)
    file(MAKE_DIRECTORY ${view}/${parent})
    room_folder(${visible} folder)
    file(CREATE_LINK ${folder} ${view}/${visible} SYMBOLIC)
  endforeach()

  string(REPLACE / _ library engine_${room})
  room_folder(${room} folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
  add_library(${library} STATIC ${sources})
  if(room MATCHES "^bindings/")
    target_link_libraries(${library} PUBLIC PkgConfig::LUA)
  else()
    target_include_directories(${library} PRIVATE ${PROJECT_SOURCE_DIR}/tests/lint/poison)
  endif()
  target_include_directories(${library} PRIVATE ${view})
  target_link_libraries(${library}
    PRIVATE engine_options PUBLIC ${libraries} ${engine_external})
  set_property(GLOBAL APPEND PROPERTY engine_rooms ${library})
endfunction()
