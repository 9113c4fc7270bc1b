import NIOCore
import NIOPosix
enum Room {}
