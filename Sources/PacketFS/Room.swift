import Logging
import ServiceLifecycle
public enum Room {}
